import { VocabularyContent } from "./vocabulary.ts";

/**
 * The vocabularies that an org starts with, to be edited. Ids are made from the names once, here, and stay when a
 * name is changed later.
 */
type Lists = Readonly<Record<string, readonly string[]>>;

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 64);

/** Items of two categories may share a name, never an id: requests refer to items alone. */
function vocabulary(lists: Lists): VocabularyContent {
  const taken = new Set<string>();
  const itemId = (category: string, name: string): string => {
    const short = slug(name);
    const id = taken.has(short) ? slug(`${category} ${name}`) : short;
    taken.add(id);
    return id;
  };
  return VocabularyContent.parse({
    v: 1,
    categories: Object.entries(lists).map(([category, items]) => ({
      id: slug(category),
      name: category,
      items: items.map((name) => ({ id: itemId(category, name), name })),
    })),
  });
}

export const DEFAULT_REQUEST_TYPES: VocabularyContent = vocabulary({
  Alarm: ["Burglar alarm", "Car alarm", "Smoke or fire alarm", "Alarm that won't stop"],
  Animals: ["Animal hurt", "Animal loose", "Animal in danger", "Afraid of an animal"],
  "Unhoused neighbours": [
    "Needs shelter",
    "Needs warm clothes or bedding",
    "Camp being cleared",
    "Wellness check",
  ],
  "Child in danger": ["Child alone", "Child being hurt", "Child neglected", "Young person asks for help"],
  "Community care": ["Food", "Ride", "Company or a visit", "Help at home", "Care for a child or elder"],
  Copwatch: ["Police stop", "Police at a home", "Arrest", "Police at a gathering"],
  "De-escalation and mediation": [
    "Argument in public",
    "Neighbours in conflict",
    "Family in conflict",
    "Conflict at a business",
  ],
  Disturbance: ["Noise", "Shouting", "Crowd", "Party", "Somebody won't leave"],
  "Intimate partner violence": ["Happening now", "Threats", "Needs a safe way out", "Wants advice"],
  "Emotional support": ["Grief", "Panic or fear", "Loneliness", "After a hard event"],
  "Error calls": ["Wrong number", "Hung up", "Test call", "Not for us"],
  "First aid": ["Injury", "Fall", "Burn", "Unwell", "Not responding"],
  Harassment: ["In the street", "Online", "At work", "By a landlord", "For who somebody is"],
  Internal: ["Team matter", "Equipment", "Training", "Follow-up"],
  "Interpersonal harm": ["Fight", "Assault", "Threat", "Bullying"],
  Kidnapping: ["Somebody taken", "Somebody held", "Child taken by a relative"],
  "Legal support": ["Observer wanted", "Somebody detained", "Eviction", "Knows no lawyer"],
  "Mental health crisis": [
    "Thoughts of suicide",
    "Self-harm",
    "Confused or out of touch",
    "In great distress",
  ],
  "Missing or found person": ["Adult missing", "Child missing", "Elder missing", "Person found"],
  Obstruction: ["Blocked road", "Blocked entrance", "Dangerous object", "Broken-down vehicle"],
  "Sexual violence": ["Happening now", "Happened before", "Needs company to care", "Stalking"],
  Shooting: ["Shots heard", "Somebody hit", "Weapon seen", "Afterwards"],
  "Substance use": ["Overdose", "Withdrawal", "Intoxicated and unsafe", "Wants naloxone or supplies"],
  "Theft or fraud": ["Theft", "Break-in", "Robbery", "Fraud"],
  "Resources and referral": [
    "Housing",
    "Health care",
    "Food or money",
    "Immigration",
    "Knows not whom to ask",
  ],
  "Witnessing trouble": ["Saw somebody in danger", "Suspicious situation", "Passing on a report"],
});

export const DEFAULT_TAGS: VocabularyContent = vocabulary({
  "Referred to": ["Clinic", "Shelter", "Legal help", "Another team", "Emergency services"],
  Resolution: [
    "Solved on site",
    "Calmed down",
    "Taken somewhere safe",
    "Nobody found",
    "Help declined",
    "Follow-up needed",
  ],
  "Medication needed": ["Naloxone", "Insulin", "Inhaler", "Adrenaline pen"],
  "Equipment needed": ["First aid kit", "Blankets", "Water", "Wheelchair", "Vehicle"],
  Location: ["Weapon present", "Police present", "Unsafe", "Crowd present"],
  "How it came in": ["Phone", "Text message", "In person", "Social media", "Partner organisation"],
});

export const DEFAULT_ATTRIBUTES: VocabularyContent = vocabulary({
  Languages: ["Arabic", "English", "French", "Mandarin", "Sign language", "Spanish", "Vietnamese"],
  Capabilities: [
    "Conflict resolution",
    "De-escalation",
    "First aid",
    "Mental health first aid",
    "Substance use support",
    "Strenuous physical activity",
  ],
  Trainings: ["CPR", "Stop the Bleed"],
});
