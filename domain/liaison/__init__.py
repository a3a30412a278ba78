"""工作联络: who has to act on a case now, and messages between the people of its sites (R-03.1, R-03.6)."""
