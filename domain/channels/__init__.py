"""通知方式: notices outside the platform – whose address, which site's robot, what goes where, and what became of each delivery."""
