"""The check-in and its named answers."""

from django.conf import settings
from django.db import models


class Checkin(models.Model):
    """A question that is open until `closed_at`."""

    question = models.CharField(max_length=200)
    closed_at = models.DateTimeField(null=True)


class Answer(models.Model):
    """One person's named answer; a later one takes its place."""

    checkin = models.ForeignKey(Checkin, on_delete=models.CASCADE)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    emotion = models.CharField(max_length=30)
    answered_at = models.DateTimeField()

    class Meta:
        """The table that the benchmark recounts."""

        db_table = "answer"
        constraints = (models.UniqueConstraint(fields=["checkin", "person"], name="one_answer_each"),)
