"""Each LMS's own form for a tool, in its own words and order.

The words are those of the LMS's English pages; a translation holds the words of its pages in that language.
"""

from collections.abc import Mapping

from reflect.web.lms import blackboard, brightspace, canvas, moodle, other, sakai, schoology
from reflect.web.lms.form import Form

FORMS: Mapping[str, Form] = {
    "moodle": moodle.FORM,
    "canvas": canvas.FORM,
    "brightspace": brightspace.FORM,
    "blackboard": blackboard.FORM,
    "schoology": schoology.FORM,
    "sakai": sakai.FORM,
    "other": other.FORM,
}
"""By the names that `reflect.domain.registrations.LMS` lists."""
