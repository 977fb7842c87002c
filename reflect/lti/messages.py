"""What a verified launch says, as plain typed values (LTI 1.3 core 5, deep linking, NRPS, AGS, groups)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reflect.lti.platform import Deployment, Platform
from reflect.lti.roles import RoleSet


class MessageType(StrEnum):
    """The messages we take, by their name on the wire."""

    RESOURCE_LINK = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"
    SUBMISSION_REVIEW = "LtiSubmissionReviewRequest"
    DATA_PRIVACY = "DataPrivacyLaunchRequest"


@dataclass(frozen=True, slots=True)
class Context:
    """The course; `id` is unique within one deployment only."""

    id: str
    label: str | None
    title: str | None
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResourceLink:
    """The link that was opened; `id` is unique within one deployment, and a copy gets a new one."""

    id: str
    title: str | None
    description: str | None


@dataclass(frozen=True, slots=True)
class Presentation:
    """How the platform shows us. `return_url` may hold a session key of the platform: never log or keep it."""

    document_target: str | None
    locale: str | None
    return_url: str | None


@dataclass(frozen=True, slots=True)
class DeepLinkingSettings:
    """What a deep linking dialog accepts; `data` goes back unread. `accept_lineitem` is None if not said."""

    return_url: str
    accept_types: tuple[str, ...]
    accept_targets: tuple[str, ...]
    accept_multiple: bool
    accept_lineitem: bool | None
    auto_create: bool
    title: str | None
    text: str | None
    data: str | None


@dataclass(frozen=True, slots=True)
class NamesAndRoles:
    """Where the roster of this context is (NRPS 2.0 3.6.1.1)."""

    memberships_url: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grades:
    """Which grade services this context offers us (AGS 2.0 3.1); only what `scopes` lists may be used."""

    scopes: tuple[str, ...]
    lineitems: str | None
    lineitem: str | None


@dataclass(frozen=True, slots=True)
class CourseGroups:
    """Where the groups of this context are (Course Groups Service 1.0); only what `scopes` lists may be used."""

    groups_url: str
    group_sets_url: str | None
    scopes: tuple[str, ...]
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Launch:
    """One verified launch. A person is platform + deployment + `sub`, never a name; no `sub` is anonymous."""

    message_type: MessageType
    platform: Platform
    deployment: Deployment
    sub: str | None
    name: str | None
    given_name: str | None
    family_name: str | None
    locale: str | None
    roles: RoleSet
    context: Context | None
    resource_link: ResourceLink | None
    presentation: Presentation
    custom: Mapping[str, str]
    target_link_uri: str
    deep_linking: DeepLinkingSettings | None
    for_user: str | None
    names_and_roles: NamesAndRoles | None
    grades: Grades | None
    course_groups: CourseGroups | None
