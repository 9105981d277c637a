import type { Metadata } from "next";
import { NewRequest } from "../../../features/requests/NewRequest.tsx";

export const metadata: Metadata = { title: "New request" };

export default function Page() {
  return <NewRequest />;
}
