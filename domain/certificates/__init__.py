"""Certificates and vouchers 证照 with a life of their own."""
