"""The library's schema, as append-only named steps. A released step is never edited."""

from sqlite_utils import Database, Migrations

MIGRATIONS = Migrations("photoaesth")


@MIGRATIONS(name="0001_first_library")
def _first_library(db: Database) -> None:
    for statement in _FIRST_LIBRARY.split(";\n"):
        if statement.strip():
            db.execute(statement)


_FIRST_LIBRARY = """
CREATE TABLE roots (
    path BLOB PRIMARY KEY,
    added_at TEXT NOT NULL
) STRICT;

CREATE TABLE photos (
    id INTEGER PRIMARY KEY,
    content_hash TEXT NOT NULL UNIQUE,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    taken_at TEXT,
    camera TEXT,
    lens TEXT,
    focal_length_mm REAL,
    aperture_f REAL,
    exposure_time_s REAL,
    iso INTEGER,
    latitude REAL,
    longitude REAL
) STRICT;

CREATE TABLE files (
    path BLOB PRIMARY KEY,
    photo_id INTEGER NOT NULL REFERENCES photos(id),
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    missing_at TEXT
) STRICT;
CREATE INDEX files_photo ON files(photo_id);

CREATE TABLE unreadable (
    path BLOB PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    reason TEXT NOT NULL,
    version TEXT NOT NULL
) STRICT;

CREATE TABLE outputs (
    content_hash TEXT NOT NULL,
    path BLOB NOT NULL,
    PRIMARY KEY (content_hash, path)
) STRICT;

CREATE TABLE embeddings (
    photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
    backbone TEXT NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (photo_id, backbone)
) STRICT;

CREATE TABLE profiles (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE comparisons (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL,
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    left_photo INTEGER NOT NULL REFERENCES photos(id),
    right_photo INTEGER NOT NULL REFERENCES photos(id),
    outcome TEXT NOT NULL CHECK (outcome IN ('left', 'right', 'tie', 'skip')),
    source TEXT NOT NULL,
    created_at TEXT NOT NULL,
    retracted_at TEXT,
    UNIQUE (profile_id, uid),
    CHECK (left_photo <> right_photo)
) STRICT;
CREATE INDEX comparisons_profile ON comparisons(profile_id, retracted_at);
CREATE INDEX comparisons_left ON comparisons(left_photo);
CREATE INDEX comparisons_right ON comparisons(right_photo);

CREATE TABLE ratings (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL,
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    photo_id INTEGER NOT NULL REFERENCES photos(id),
    value REAL NOT NULL CHECK (value BETWEEN 0 AND 1),
    source TEXT NOT NULL,
    created_at TEXT NOT NULL,
    retracted_at TEXT,
    UNIQUE (profile_id, uid)
) STRICT;
CREATE UNIQUE INDEX ratings_in_force ON ratings(profile_id, photo_id) WHERE retracted_at IS NULL;
CREATE INDEX ratings_photo ON ratings(photo_id);

CREATE TABLE models (
    id INTEGER PRIMARY KEY,
    profile_id INTEGER REFERENCES profiles(id),
    crowd TEXT NOT NULL,
    method TEXT NOT NULL,
    kept TEXT NOT NULL,
    head BLOB,
    network BLOB,
    report TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE scores (
    model_id INTEGER NOT NULL REFERENCES models(id) ON DELETE CASCADE,
    photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
    score REAL NOT NULL,
    sd REAL NOT NULL,
    PRIMARY KEY (model_id, photo_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scores_order ON scores(model_id, score);
CREATE INDEX scores_photo ON scores(photo_id)
"""
