"use client";

import { parseInviteLink } from "@hearth/protocol";
import { useEffect, useRef, useState } from "react";
import { useGo, useHash } from "../../client/location.ts";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button, LinkButton } from "../../ui/Button.tsx";
import { Form } from "../../ui/Form.tsx";
import { Link } from "../../ui/Link.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { Card } from "../shell/PublicFrame.tsx";
import { Page } from "../../ui/Page.tsx";
import { JoinForm, useJoinForm } from "./JoinForm.tsx";
import { JoinProgress } from "./JoinProgress.tsx";

/** Where an invite link leads: look at the invite, make an account, and be taken in. */
export function Join() {
  const phase = useView("session")?.phase.kind;
  const hash = useHash();
  const go = useGo();
  const form = useJoinForm();
  const [pasted, setPasted] = useState<string>();
  const inAddress = parseInviteLink(hash) ? hash : undefined;
  const link = pasted === undefined ? inAddress : pasted === "" ? undefined : pasted;
  const damaged = pasted === undefined && hash.length > 1 && link === undefined;

  // Once in, nothing is left to do here, and the link's secrets go from the address bar.
  const joining = useRef(false);
  useEffect(() => {
    if (phase === "joining") joining.current = true;
    if (phase === "ready" && (link === undefined || joining.current)) go("/requests/", { replace: true });
  }, [phase, link, go]);

  if (phase === "ready") return <AlreadyIn />;
  if (phase === "joining" && !form.accept.busy) return <JoinProgress />;
  return (
    <Card
      title="Join your team"
      wide
      lead="Somebody invited you to work with them in Hearth. What is written there is encrypted: whoever runs the server can’t read it."
    >
      {link === undefined ? (
        <LinkField damaged={damaged} onLink={setPasted} />
      ) : (
        <LookAt link={link} form={form} onOther={() => setPasted("")} key={link} />
      )}
      <p>
        You have an account already? <Link href="/sign-in/">Sign in</Link>
      </p>
    </Card>
  );
}

function AlreadyIn() {
  return (
    <Page title="You are signed in already" narrow>
      <p>
        An invite is for somebody who has no account yet. To use this link for another person, sign out first
        or open it in another browser.
      </p>
      <div>
        <LinkButton kind="primary" href="/requests/">
          Go to the requests
        </LinkButton>
      </div>
    </Page>
  );
}

function LinkField({ damaged, onLink }: { damaged: boolean; onLink: (link: string) => void }) {
  const [text, setText] = useState("");
  const [error, setError] = useState(
    damaged ? "A part of this link is missing. Copy the whole link again, or ask for a new one." : undefined,
  );
  return (
    <Form
      label="Invite link"
      errors={error === undefined ? {} : { link: error }}
      onSubmit={() => {
        if (parseInviteLink(text)) onLink(text);
        else
          setError(
            text.trim() === ""
              ? "Paste the link that you were sent."
              : "This is not a whole invite link. Copy all of it, from https to its very end.",
          );
      }}
      actions={
        <Button type="submit" kind="primary" size="large" wide>
          Continue
        </Button>
      }
    >
      <TextField
        label="Invite link"
        value={text}
        onChange={setText}
        error={error}
        hint="Paste the whole link that you were sent."
        autoCapitalize="none"
        spellCheck={false}
      />
    </Form>
  );
}

/** Asks the server whether the invite still works before anybody types a name. */
function LookAt({
  link,
  form,
  onOther,
}: {
  link: string;
  form: ReturnType<typeof useJoinForm>;
  onOther: () => void;
}) {
  const { run, failure } = useCommand("join.look");
  const [fine, setFine] = useState(false);
  useEffect(() => {
    void run({ link }).then((outcome) => setFine(outcome.ok));
  }, [run, link]);

  if (failure)
    return (
      <>
        <Banner tone="danger">{failure.message}</Banner>
        <Button wide onPress={() => void run({ link }).then((outcome) => setFine(outcome.ok))}>
          Look again
        </Button>
        <Button wide kind="quiet" onPress={onOther}>
          Use another link
        </Button>
      </>
    );
  if (!fine)
    return (
      <p role="status">
        <Spinner /> Looking at your invite…
      </p>
    );
  return <JoinForm link={link} form={form} />;
}
