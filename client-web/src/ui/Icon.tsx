/** Line drawings on a grid of 24, one path each. Always beside a word or under a label, so hidden from readers. */
const PATHS = {
  requests: "M4 6.5h11M4 12h16M4 17.5h8",
  team: "M9 11a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 9 11Zm-6 8.4c.5-3.4 2.9-5.2 6-5.2s5.5 1.8 6 5.2M16 5.2a3 3 0 0 1 0 5.6M18 14.6c1.7.8 2.7 2.4 3 4.8",
  person: "M12 11.6a3.7 3.7 0 1 0 0-7.4 3.7 3.7 0 0 0 0 7.4Zm-7 8.2c.6-3.7 3.4-5.7 7-5.7s6.4 2 7 5.7",
  settings:
    "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM9 19.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z",
  help: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.5 9.5A2.5 2.5 0 0 1 12 7.3c1.5 0 2.6 1 2.6 2.3 0 1.9-2.6 2.1-2.6 4M12 16.8v.1",
  plus: "M12 5v14M5 12h14",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.3 15.3 20 20",
  back: "M14.5 5.5 8 12l6.5 6.5",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5 10 17.5 19 7",
  down: "M6 9.5 12 15.5 18 9.5",
  send: "M4.5 12 20 4.5 15 20l-3.5-6.5L4.5 12ZM11.5 13.5 20 4.5",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  download: "M12 4v11M7 10.5 12 15.5l5-5M5 20h14",
  print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
  warning: "M12 4 2.8 20h18.4L12 4ZM12 10v4.5M12 17.2v.1",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5.5M12 7.7v.1",
  lock: "M6 11h12v9.5H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  phone:
    "M6 4h3.5l1.5 4-2 1.7a11 11 0 0 0 5.3 5.3l1.7-2 4 1.5V18a2 2 0 0 1-2 2A14 14 0 0 1 4 6a2 2 0 0 1 2-2Z",
  pin: "M12 21c4.5-4.7 6.8-8.2 6.8-11A6.8 6.8 0 0 0 12 3.2 6.8 6.8 0 0 0 5.2 10c0 2.8 2.3 6.3 6.8 11ZM12 12.5a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2Z",
  pencil: "M4.5 19.5l1-4L16 5l3 3L8.5 18.5l-4 1ZM14 7l3 3",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  eyeOff:
    "M4 4l16 16M9.5 6c.8-.3 1.6-.5 2.5-.5 6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-3 3.7M6.5 7.7A16 16 0 0 0 2.5 12S6 18.5 12 18.5c1.4 0 2.7-.4 3.8-.9",
  device: "M4 5h16v11H4zM9 20h6M12 16v4",
  addPeople:
    "M9.5 11a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4Zm-6.5 8.4c.5-3.4 3-5.2 6.5-5.2s6 1.8 6.5 5.2M19 7v6M16 10h6",
  key: "M14.5 13.5a4.8 4.8 0 1 0-4-2.2L4 17.8V20h3.2v-2.2h2.2v-2.2l1.6-1.6M15.5 8.3v.1",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5.3l3.5 2",
  shield: "M12 3.5 5 6v5.5c0 4.4 2.8 7.5 7 9 4.2-1.5 7-4.6 7-9V6l-7-2.5Z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.9}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark: a flame kept inside a hearth. */
export function Mark({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path
        d="M4 29V15.5C4 8.6 9.4 3 16 3s12 5.6 12 12.5V29h-4.5V15.5c0-4.4-3.4-8-7.5-8s-7.5 3.6-7.5 8V29H4Z"
        fill="currentColor"
      />
      <path
        d="M16 11.5c.6 3.2 5 5.3 5 10.2A5.1 5.1 0 0 1 16 27a5.1 5.1 0 0 1-5-5.3c0-2.3 1.1-3.7 2.2-4.9.3 1.3.8 2 1.5 2.3-.3-2.7.1-5.3 1.3-7.6Z"
        fill="#f28c50"
      />
    </svg>
  );
}
