"""任务: what people claim, fill in and complete."""
