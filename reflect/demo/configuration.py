"""What the campus says of itself to tools that register (OpenID Connect Discovery 3, Dynamic Registration 1.0)."""

from reflect.demo.addresses import ALL_SCOPES
from reflect.demo.tokens import Claims


def openid_configuration(issuer: str) -> Claims:
    """Return the OpenID configuration of the platform with this issuer."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": f"{issuer}/jwks",
        "registration_endpoint": f"{issuer}/register",
        "scopes_supported": ["openid", *ALL_SCOPES],
        "response_types_supported": ["id_token"],
        "response_modes_supported": ["form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["iss", "sub", "name", "given_name", "family_name", "email"],
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {
            "product_family_code": "demo-campus",
            "version": "1",
            "messages_supported": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}],
            "variables": [
                "Context.id.history",
                "Moodle.Person.userGroupIds",
                "Person.address.timezone",
                "ResourceLink.title",
            ],
        },
    }
