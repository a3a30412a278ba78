"""定时: due timers, re-checked under the lock before they fire."""
