import type { Metadata } from "next";
import { Requests } from "../../features/requests/Requests.tsx";

export const metadata: Metadata = { title: "Requests" };

export default function Page() {
  return <Requests />;
}
