import type { Metadata } from "next";
import { Team } from "../../features/team/Team.tsx";

export const metadata: Metadata = { title: "Team" };

export default function Page() {
  return <Team />;
}
