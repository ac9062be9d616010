"""The library's schema, as append-only named steps. A released step is never edited."""

from sqlite_utils import Database, Migrations

MIGRATIONS = Migrations("photoaesth")


@MIGRATIONS(name="0001_first_library")
def _first_library(db: Database) -> None:
    _execute(db, _FIRST_LIBRARY)


@MIGRATIONS(name="0002_curating")
def _curating(db: Database) -> None:
    _execute(db, _CURATING)


def _execute(db: Database, statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            db.execute(statement)


_FIRST_LIBRARY = """
CREATE TABLE roots (
    path BLOB PRIMARY KEY,
    added_at TEXT NOT NULL,
    offline_since TEXT
) STRICT;

CREATE TABLE groups (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL
) STRICT;

CREATE TABLE photos (
    id INTEGER PRIMARY KEY,
    content_hash BLOB NOT NULL UNIQUE,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    perceptual_hash INTEGER NOT NULL,
    group_id INTEGER REFERENCES groups(id) ON DELETE SET NULL,
    grouped INTEGER NOT NULL DEFAULT 0,
    taken_at TEXT,
    camera TEXT,
    lens TEXT,
    focal_length_mm REAL,
    aperture_f REAL,
    exposure_time_s REAL,
    iso INTEGER,
    latitude REAL,
    longitude REAL,
    exposure_bias_ev REAL
) STRICT;
CREATE INDEX photos_group ON photos(group_id) WHERE group_id IS NOT NULL;
CREATE INDEX photos_ungrouped ON photos(id) WHERE NOT grouped;
CREATE INDEX photos_taken ON photos(camera, taken_at);

CREATE TABLE files (
    path BLOB PRIMARY KEY,
    photo_id INTEGER NOT NULL REFERENCES photos(id),
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    companion INTEGER NOT NULL DEFAULT 0,
    missing_at TEXT
) STRICT;
CREATE INDEX files_photo ON files(photo_id, missing_at, path);
CREATE INDEX files_missing ON files(photo_id, path) WHERE missing_at IS NOT NULL;

CREATE TABLE unreadable (
    path BLOB PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    reason TEXT NOT NULL,
    version TEXT NOT NULL
) STRICT;

CREATE TABLE outputs (
    content_hash BLOB NOT NULL,
    path BLOB NOT NULL,
    PRIMARY KEY (content_hash, path)
) STRICT;

CREATE TABLE embeddings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
    backbone TEXT NOT NULL,
    vector BLOB NOT NULL,
    UNIQUE (photo_id, backbone)
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

CREATE TABLE asking (
    profile_id INTEGER NOT NULL REFERENCES profiles(id) ON DELETE CASCADE,
    one_photo INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
    other_photo INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
    sitting TEXT NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (profile_id, one_photo, other_photo)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE retouches (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL,
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    photo_id INTEGER NOT NULL REFERENCES photos(id),
    round TEXT NOT NULL,
    parameters TEXT NOT NULL CHECK (json_type(parameters) = 'object'),
    rating_before REAL CHECK (rating_before BETWEEN 0 AND 1),
    rating_after REAL CHECK (rating_after BETWEEN 0 AND 1),
    source TEXT NOT NULL,
    created_at TEXT NOT NULL,
    retracted_at TEXT,
    UNIQUE (profile_id, uid)
) STRICT;
CREATE INDEX retouches_profile ON retouches(profile_id, retracted_at);
CREATE INDEX retouches_photo ON retouches(photo_id);

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL,
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    round TEXT NOT NULL,
    photos TEXT NOT NULL CHECK (json_type(photos) = 'array'),
    source TEXT NOT NULL,
    created_at TEXT NOT NULL,
    retracted_at TEXT,
    UNIQUE (profile_id, uid)
) STRICT;
CREATE INDEX orders_profile ON orders(profile_id, retracted_at);

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

CREATE TABLE policies (
    id INTEGER PRIMARY KEY,
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    space TEXT NOT NULL,
    enhancement BLOB,
    report TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX policies_profile ON policies(profile_id);

CREATE TABLE policy_rounds (
    profile_id INTEGER NOT NULL REFERENCES profiles(id) ON DELETE CASCADE,
    run TEXT NOT NULL,
    part INTEGER NOT NULL,
    round INTEGER NOT NULL,
    enhancement BLOB,
    head BLOB NOT NULL,
    PRIMARY KEY (profile_id, run, part, round)
) STRICT;

CREATE TABLE scores (
    model_id INTEGER NOT NULL REFERENCES models(id) ON DELETE CASCADE,
    block INTEGER NOT NULL,
    scores BLOB NOT NULL,
    PRIMARY KEY (model_id, block)
) STRICT
"""

_CURATING = """
CREATE TABLE attributes (
    photo_id INTEGER PRIMARY KEY REFERENCES photos(id) ON DELETE CASCADE,
    version TEXT NOT NULL,
    vector BLOB NOT NULL,
    labels INTEGER NOT NULL
) STRICT;

CREATE TABLE keywords (
    photo_id INTEGER NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
    keyword TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (photo_id, keyword)
) STRICT, WITHOUT ROWID;
CREATE INDEX keywords_keyword ON keywords(keyword);

CREATE TABLE albums (
    id INTEGER PRIMARY KEY,
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    name TEXT NOT NULL,
    query TEXT NOT NULL CHECK (json_type(query) = 'object'),
    created_at TEXT NOT NULL,
    UNIQUE (profile_id, name)
) STRICT;

CREATE TABLE sidecar_runs (
    id INTEGER PRIMARY KEY,
    profile_id INTEGER NOT NULL REFERENCES profiles(id),
    created_at TEXT NOT NULL,
    undone_at TEXT
) STRICT;

CREATE TABLE sidecar_writes (
    run_id INTEGER NOT NULL REFERENCES sidecar_runs(id) ON DELETE CASCADE,
    path BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('sidecar', 'embedded')),
    before BLOB,
    after_hash BLOB NOT NULL,
    changes TEXT NOT NULL CHECK (json_type(changes) = 'object'),
    PRIMARY KEY (run_id, path)
) STRICT
"""
