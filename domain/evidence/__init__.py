"""存证: evidence packages of cases, made to be checked without us."""
