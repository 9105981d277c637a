import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import "../ui/base.css";
import { Providers } from "../features/shell/Providers.tsx";
import { Guard } from "../features/session/Guard.tsx";

export const metadata: Metadata = {
  title: { default: "Hearth", template: "%s · Hearth" },
  description: "Encrypted workspace for community crisis-response teams",
  manifest: "/manifest.webmanifest",
  icons: { icon: "/icon.svg" },
  robots: { index: false, follow: false },
  referrer: "no-referrer",
  other: { google: "notranslate" },
  formatDetection: { telephone: false, email: false, address: false, date: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  viewportFit: "cover",
  interactiveWidget: "resizes-content",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f7f3ef" },
    { media: "(prefers-color-scheme: dark)", color: "#14110f" },
  ],
};

/**
 * Spelling, suggestions and translation can be services that a browser sends the typed or shown text to. What is
 * said here stays here; each of these attributes is inherited by everything on the page.
 */
const STAYS_HERE = { writingsuggestions: "false" };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    // The theme is set before the first paint by a file of its own, as inline scripts would need a hash more.
    <html lang="en" translate="no" spellCheck={false} {...STAYS_HERE} suppressHydrationWarning>
      <head>
        <script src="/theme.js" />
      </head>
      <body>
        <Providers>
          <Guard>{children}</Guard>
        </Providers>
      </body>
    </html>
  );
}
