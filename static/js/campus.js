// The campus: forms that go on by themselves, and the person pickers of the side-by-side page.
document.querySelector("form[data-send-at-once]")?.submit();

for (const picker of document.querySelectorAll("form[data-side]")) {
  picker.addEventListener("change", () => picker.requestSubmit());
  picker.addEventListener("submit", () => {
    const address = new URL(location.href);
    address.searchParams.set(picker.dataset.side, new FormData(picker).get("as"));
    history.replaceState(null, "", address);
  });
}
