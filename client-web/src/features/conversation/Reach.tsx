"use client";

import type { RoomView } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import { Button, LinkButton } from "../../ui/Button.tsx";
import { Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { say } from "../../ui/Toasts.tsx";
import { mapLinks, phoneIn } from "./reach.ts";
import styles from "./Room.module.css";

type Fields = NonNullable<RoomView["request"]>["fields"];

/** Where it is, as somebody typed it: to copy, or to open in a map that is not ours, which is said before. */
export function Where({ location }: { location: string }) {
  const [asking, setAsking] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(location);
      say("The location is copied.");
    } catch {
      say("The browser did not let Hearth copy. Select the location and copy it yourself.");
    }
  };
  return (
    <span className={styles.reach}>
      <span className={styles.reachWords} dir="auto">
        {location}
      </span>
      <Button size="small" name="Copy the location" onPress={() => void copy()}>
        Copy
      </Button>
      <Button size="small" name="Map of the location" onPress={() => setAsking(true)}>
        Map
      </Button>
      {asking ? <AskMap location={location} onClose={() => setAsking(false)} /> : null}
    </span>
  );
}

function AskMap({ location, onClose }: { location: string; onClose: () => void }) {
  const { web, app } = mapLinks(location);
  return (
    <Dialog title="Open in maps?" open onClose={onClose} alert>
      <DialogBody>
        <p>
          This tells another company where you are needed: whoever makes the map gets the words “
          <bdi>{location}</bdi>” and your address on the internet.
        </p>
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        {knowsGeoLinks() ? (
          <LinkButton href={app} away onPress={onClose}>
            This phone’s map app
          </LinkButton>
        ) : null}
        <LinkButton kind="primary" href={web} away onPress={onClose}>
          OpenStreetMap
        </LinkButton>
      </DialogActions>
    </Dialog>
  );
}

/** Android opens `geo:` links with whatever map there is; others do nothing, and say nothing. */
const knowsGeoLinks = () => /Android/.test(navigator.userAgent);

/** Who called, and a way to call back if what was typed has a number in it. */
export function Caller({ fields }: { fields: Fields }) {
  const { caller_name: name, caller_contact: contact } = fields;
  const phone = phoneIn(contact ?? "");
  return (
    <span className={styles.reach}>
      <span className={styles.reachWords}>
        {name ? <bdi>{name}</bdi> : null}
        {name && contact ? <br /> : null}
        {contact ? <span dir="auto">{contact}</span> : null}
      </span>
      {phone === undefined ? null : (
        <LinkButton size="small" href={`tel:${phone}`} name={`Call ${phone}`}>
          <Icon name="phone" size={16} /> Call
        </LinkButton>
      )}
    </span>
  );
}
