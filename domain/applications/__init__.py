"""Applications 申请: drafts, submission, withdrawal, rating."""
