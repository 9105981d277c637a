import type { RequestFields } from "@hearth/protocol";

/** For a first look at Hearth: nobody in them exists. */
export const EXAMPLES: readonly RequestFields[] = [
  {
    description:
      "Example: Somebody sits on a bench and says they don't know where to sleep tonight. They ask for company and for a list of shelters.",
    location: "Example Park, by the fountain",
    priority: "non_urgent",
    caller_name: "Example Caller",
  },
  {
    description:
      "Example: A neighbour hears shouting and crying next door and is afraid for the person who lives there. They don't want the police.",
    location: "12 Example Street, second floor",
    priority: "urgent",
    caller_name: "Example Neighbour",
    caller_contact: "Example: call back after six",
  },
  {
    description:
      "Example: A person walks in the road between the cars and does not answer when spoken to. Traffic goes around them for now.",
    location: "Crossing of Example Avenue and Example Road",
    priority: "critical",
  },
];
