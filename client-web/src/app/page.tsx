/** Nothing stands here: the guard sends everybody to the page that is theirs. */
export default function Page() {
  return null;
}
