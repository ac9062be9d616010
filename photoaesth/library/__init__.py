"""The library on disk: scan, EXIF, thumbnails, database and its migrations."""
