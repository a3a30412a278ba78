"""The service window 窗口: an applicant who stands there without a log-in is identified, and a clerk acts on the applicant's behalf."""
