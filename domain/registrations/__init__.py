"""Household registrations 户口登记."""
