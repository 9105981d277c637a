import type { Metadata } from "next";
import { Devices } from "../../features/devices/Devices.tsx";

export const metadata: Metadata = { title: "Devices" };

export default function Page() {
  return <Devices />;
}
