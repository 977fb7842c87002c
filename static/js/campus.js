// The campus: forms and links that go on by themselves, the person pickers of the side-by-side page, and a frame that
// asks to be closed.
document.querySelector("form[data-send-at-once]")?.submit();
document.querySelector("a[data-go-at-once]")?.click();

const closing = document.querySelector("iframe[data-closes-to]");
addEventListener("message", (event) => {
  if (closing && event.source === closing.contentWindow && event.data?.subject === "org.imsglobal.lti.close") {
    location.assign(closing.dataset.closesTo);
  }
});

for (const picker of document.querySelectorAll("form[data-side]")) {
  picker.addEventListener("change", () => picker.requestSubmit());
  picker.addEventListener("submit", () => {
    const address = new URL(location.href);
    address.searchParams.set(picker.dataset.side, new FormData(picker).get("as"));
    history.replaceState(null, "", address);
  });
}
