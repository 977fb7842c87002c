"""Sign in, ask, answer: the addresses and their views."""

from django import forms
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from emotions import EMOTIONS

from django_form.models import Answer, Checkin


class AnswerForm(forms.Form):
    """What a student sends."""

    emotion = forms.ChoiceField(choices=[(emotion, emotion) for emotion in EMOTIONS])


@csrf_exempt
def sign_in(request: HttpRequest) -> HttpResponse:
    """Makes the person and signs them in; stands for a launch, never timed."""
    login(request, User.objects.create(username=request.POST["name"]))
    get_token(request)
    return HttpResponse(status=204)


@csrf_exempt
def create_checkin(request: HttpRequest) -> HttpResponse:
    """Asks a question; never timed."""
    return HttpResponse(Checkin.objects.create(question="How are you?").pk, status=201)


@require_POST
@login_required
def answer(request: HttpRequest, checkin_id: int) -> HttpResponse:
    """Gives or changes the answer of whoever is signed in."""
    checkin = get_object_or_404(Checkin, pk=checkin_id, closed_at=None)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    given = {"emotion": form.cleaned_data["emotion"], "answered_at": timezone.now()}
    Answer.objects.update_or_create(checkin=checkin, person=request.user, defaults=given)
    return redirect("show", checkin_id)


def show(request: HttpRequest, checkin_id: int) -> HttpResponse:
    """Where an answer leads."""
    return HttpResponse(f"Thank you for your answer to check-in {checkin_id}.")


urlpatterns = [
    path("sign-in", sign_in),
    path("checkins", create_checkin),
    path("checkins/<int:checkin_id>", show, name="show"),
    path("checkins/<int:checkin_id>/answers", answer),
]
