"""The first whole journey, over HTTP: launch, ask, answer, see."""

import re

from tests.installation import Installation


def test_a_teacher_asks_a_student_answers_and_the_teacher_sees_it(installation: Installation) -> None:
    teacher, student = installation.walker(), installation.walker()
    home = teacher.follow(teacher.walk("3", "2", "1"))
    new = re.search(r'href="(/courses/\d+/checkins/new[^"]*)"', home.text)
    assert new
    form = teacher.get(new[1])
    assert form.status_code == 200
    action = re.search(r'<form[^>]*action="(/courses/\d+/checkins[^"]*)"', form.text)
    assert action
    made = teacher.post(
        action[1], {"question": "How was it?", "question_key": "", "answer_form": "words_core", "anonymity": "named"}
    )
    assert made.status_code == 303, made.text
    results = teacher.follow(made)
    assert "How was it?" in results.text

    home = student.follow(student.walk("6", "2", "1"))
    assert "checkins/new" not in home.text
    link = re.search(r'href="(/checkins/\d+[^"]*)"', home.text)
    assert link
    question = student.get(link[1])
    assert "Wren Storybook" in question.text
    action = re.search(r'<form[^>]*action="(/checkins/\d+/answers[^"]*)"', question.text)
    assert action
    thanks = student.follow(student.post(action[1], {"choice": "curious"}))
    assert thanks.status_code == 200

    seen = teacher.get(str(results.url))
    assert "Zoë Märchenwald" in seen.text
    assert "Curious" in seen.text or "curious" in seen.text
