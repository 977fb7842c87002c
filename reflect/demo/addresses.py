"""Where the campus's services are: in the claims of a launch and in the routes the same. A query as Moodle's."""

LINE_ITEMS = "/services/{course}/lineitems"
MEMBERSHIPS = "/services/{course}/memberships"
GROUPS = "/services/{course}/groups"
LINE_ITEM = LINE_ITEMS + "/{item}/lineitem"
SCORES, RESULTS = LINE_ITEM + "/scores", LINE_ITEM + "/results"

SCOPES = "https://purl.imsglobal.org/spec/"
ROSTER_SCOPE = SCOPES + "lti-nrps/scope/contextmembership.readonly"
GROUPS_SCOPE = SCOPES + "lti-gs/scope/contextgroup.readonly"
LINE_ITEM_SCOPE = SCOPES + "lti-ags/scope/lineitem"
LINE_ITEM_READING_SCOPE = SCOPES + "lti-ags/scope/lineitem.readonly"
RESULT_SCOPE = SCOPES + "lti-ags/scope/result.readonly"
SCORE_SCOPE = SCOPES + "lti-ags/scope/score"
GRADE_SCOPES = (LINE_ITEM_SCOPE, LINE_ITEM_READING_SCOPE, RESULT_SCOPE, SCORE_SCOPE)
ALL_SCOPES = (ROSTER_SCOPE, GROUPS_SCOPE, *GRADE_SCOPES)


def memberships(issuer: str, course: str) -> str:
    """Return the address of a course's roster."""
    return issuer + MEMBERSHIPS.format(course=course)


def groups(issuer: str, course: str) -> str:
    """Return the address of a course's groups."""
    return issuer + GROUPS.format(course=course)


def line_items(issuer: str, course: str) -> str:
    """Return the address of a course's line items."""
    return issuer + LINE_ITEMS.format(course=course) + "?type_id=1"


def line_item(issuer: str, course: str, item: str) -> str:
    """Return the address of one line item, which is its id for tools."""
    return issuer + LINE_ITEM.format(course=course, item=item) + "?type_id=1"
