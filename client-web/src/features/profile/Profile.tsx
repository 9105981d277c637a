"use client";

import type { MemberRow } from "@hearth/client-core/contract.ts";
import { ProfileContent, isolated } from "@hearth/protocol";
import { useState } from "react";
import { useDraft } from "../../client/drafts.ts";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Choices } from "../../ui/choices.tsx";
import { Form, Row, type Errors } from "../../ui/Form.tsx";
import { Page, Section } from "../../ui/Page.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { say } from "../../ui/Toasts.tsx";
import { useRoleNames } from "../team/roles.ts";
import { DutySwitch } from "./DutySwitch.tsx";
import styles from "./Profile.module.css";

const COLOURS = [
  { value: "#b5633c", label: "Ember" },
  { value: "#3f6fb0", label: "Blue" },
  { value: "#3c8f5f", label: "Green" },
  { value: "#8a4fb0", label: "Violet" },
  { value: "#a5832a", label: "Ochre" },
  { value: "#2f8f8f", label: "Teal" },
  { value: "#b04a6d", label: "Rose" },
  { value: "#6b6f76", label: "Slate" },
] as const;

type ProfileForm = {
  displayName: string;
  pronouns: string;
  bio: string;
  phone: string;
  email: string;
  colour: string;
};

export function Profile() {
  const me = useView("team")?.members.find((member) => member.isMe);
  const roleName = useRoleNames();
  return (
    <Page
      title="Your profile"
      narrow
      lead="Your team sees this. It is not encrypted: who runs the server could read it too."
    >
      {me === undefined ? (
        <p role="status">
          <Spinner /> Loading your profile…
        </p>
      ) : (
        <>
          <Section>
            <div className={styles.head}>
              <Avatar name={me.name} colour={me.colour} size={56} />
              <div className={styles.words}>
                <b>
                  <bdi>{me.name}</bdi>
                </b>
                <span className={styles.small}>{me.userId}</span>
                <span className={styles.small}>
                  {me.roles.map((id) => isolated(roleName(id))).join(", ") || "No role yet"}
                </span>
              </div>
              <DutySwitch />
            </div>
          </Section>
          <Section title="About you">
            {me.own?.confusable ? <Alike me={me} /> : null}
            <Edit me={me} />
          </Section>
        </>
      )}
    </Page>
  );
}

/** Whoever is called so is told, because others see it beside everything that they write. */
function Alike({ me }: { me: MemberRow }) {
  return (
    <Banner tone="warn">
      Your name looks like somebody else’s, like a user name or like a role. So that nobody mistakes you, your
      team sees you as{" "}
      <b>
        <bdi>{me.name}</bdi>
      </b>
      . Another name, such as your first and last, needs no user name beside it.
    </Banner>
  );
}

function Edit({ me }: { me: MemberRow }) {
  const save = useCommand("profile.save");
  const [kept, keep] = useDraft<ProfileForm>("profile");
  const [errors, setErrors] = useState<Errors<keyof ProfileForm>>({});
  const form: ProfileForm = kept ?? {
    displayName: me.own?.name ?? me.name,
    pronouns: me.pronouns ?? "",
    bio: me.bio ?? "",
    phone: me.phone ?? "",
    email: me.email ?? "",
    colour: me.colour,
  };
  const set = (field: keyof ProfileForm) => (value: string) => keep({ ...form, [field]: value });

  const submit = async () => {
    const found = check(form);
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    const outcome = await save.run(given(form));
    if (!outcome.ok) return;
    keep(undefined);
    say("Saved");
  };

  return (
    <Form
      label="Your profile"
      onSubmit={() => void submit()}
      errors={errors}
      failure={save.failure?.message}
      actions={
        <>
          <Button type="submit" kind="primary" busy={save.busy}>
            Save profile
          </Button>
          {kept ? (
            <Button kind="quiet" onPress={() => keep(undefined)}>
              Discard changes
            </Button>
          ) : null}
        </>
      }
    >
      <TextField
        label="Name"
        required
        value={form.displayName}
        onChange={set("displayName")}
        error={errors.displayName}
      />
      <TextField label="Pronouns" value={form.pronouns} onChange={set("pronouns")} error={errors.pronouns} />
      <Row>
        <TextField label="Phone" type="tel" value={form.phone} onChange={set("phone")} error={errors.phone} />
        <TextField
          label="E-mail"
          type="email"
          value={form.email}
          onChange={set("email")}
          error={errors.email}
        />
      </Row>
      <TextField
        label="About"
        lines={3}
        value={form.bio}
        onChange={set("bio")}
        error={errors.bio}
        hint="What your team should know: languages, trainings, a bike with a trailer."
      />
      <Choices
        label="Colour"
        value={form.colour}
        onChange={set("colour")}
        options={COLOURS.map((colour) => ({
          value: colour.value as string,
          label: (
            <>
              <span className={styles.swatch} style={{ background: colour.value }} aria-hidden="true" />
              {colour.label}
            </>
          ),
        }))}
      />
    </Form>
  );
}

/** The command's argument: what is empty is left out. */
function given(form: ProfileForm) {
  const { displayName, ...rest } = form;
  const filled = Object.fromEntries(Object.entries(rest).filter(([, value]) => value.trim() !== ""));
  return { displayName: displayName.trim(), ...(filled as Partial<typeof rest>) };
}

function check(form: ProfileForm): Errors<keyof ProfileForm> {
  const { displayName, ...rest } = given(form);
  const errors: Errors<keyof ProfileForm> = {};
  if (displayName === "") errors.displayName = "Type the name that your team knows you by.";
  const parsed = ProfileContent.safeParse({ v: 1, display_name: displayName, ...rest });
  for (const issue of parsed.error?.issues ?? []) {
    const field =
      issue.path[0] === "display_name" ? "displayName" : (issue.path[0] as keyof ProfileForm | undefined);
    if (field) errors[field] ??= "This is too long. Shorten it.";
  }
  return errors;
}
