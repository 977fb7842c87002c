"""The long claim names, each written once (LTI 1.3 core 5 and the service specifications)."""

from typing import Final

PREFIX: Final = "https://purl.imsglobal.org/spec/lti/claim/"

MESSAGE_TYPE: Final = PREFIX + "message_type"
VERSION: Final = PREFIX + "version"
DEPLOYMENT_ID: Final = PREFIX + "deployment_id"
TARGET_LINK_URI: Final = PREFIX + "target_link_uri"
RESOURCE_LINK: Final = PREFIX + "resource_link"
ROLES: Final = PREFIX + "roles"
CONTEXT: Final = PREFIX + "context"
LAUNCH_PRESENTATION: Final = PREFIX + "launch_presentation"
CUSTOM: Final = PREFIX + "custom"
FOR_USER: Final = PREFIX + "for_user"

DEEP_LINKING_SETTINGS: Final = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
NAMES_AND_ROLES: Final = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
COURSE_GROUPS: Final = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
GRADES: Final = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
