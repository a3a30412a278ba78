"""Special procedures 特别程序 of a running case: art. 45 (time that does not count) and art. 42 (extension)."""
