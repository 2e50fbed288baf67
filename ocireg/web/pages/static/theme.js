// Pages follow the system where nobody has chosen a theme; run before anything is painted.
const root = document.documentElement;
if (root.hasAttribute("data-follows-system")) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => root.setAttribute("data-bs-theme", dark.matches ? "dark" : "light");
  dark.addEventListener("change", follow);
  follow();
}
root.classList.add("has-script");
