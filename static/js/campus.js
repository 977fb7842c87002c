// The campus: forms and links that go on by themselves, the person pickers of the side-by-side page, and frames that
// ask to be closed or to be as high as what they show.
document.querySelector("form[data-send-at-once]")?.submit();
document.querySelector("a[data-go-at-once]")?.click();

const closing = document.querySelector("iframe[data-closes-to]");
addEventListener("message", (event) => {
  if (closing && event.source === closing.contentWindow && event.data?.subject === "org.imsglobal.lti.close") {
    location.assign(closing.dataset.closesTo);
  }
});

const fitting = document.querySelector("iframe[data-fits]");
addEventListener("message", ({ source, data }) => {
  if (!fitting || source !== fitting.contentWindow || data?.subject !== "lti.frameResize") return;
  const height = Number(data.height);
  if (height > 0) fitting.style.blockSize = `${Math.min(height + 2, 20_000)}px`; // two of them are the border
});

for (const picker of document.querySelectorAll("form[data-side]")) {
  picker.addEventListener("change", () => picker.requestSubmit());
  picker.addEventListener("submit", () => {
    const address = new URL(location.href);
    address.searchParams.set(picker.dataset.side, new FormData(picker).get("as"));
    history.replaceState(null, "", address);
  });
}
