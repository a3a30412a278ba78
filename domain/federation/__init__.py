"""Log-in by other systems (统一身份认证): OpenID Connect providers, whom their subjects are here, levels of assurance, log-out."""
