import { Page, Section } from "../../ui/Page.tsx";
import styles from "./Help.module.css";

/** What one may need to know in the middle of the night. Also for people who can't get in. */
export function Help() {
  return (
    <Page title="Help" narrow lead="Short answers to what people ask most.">
      <Section title="I can’t get in">
        <dl className={styles.answers}>
          <dt>I forgot my password</dt>
          <dd>
            Ask an admin of your team. Nobody can look your password up, but whoever runs your server can set
            a new one.
          </dd>
          <dt>It asks for a recovery key</dt>
          <dd>
            That is the long key you kept when you joined. Look in your password manager, your downloads and
            your papers. If another device of yours is signed in, choose “Use another device instead”; and
            make a new key there, under Settings, Devices.
          </dd>
          <dt>My recovery key is gone, and so are my devices</dt>
          <dd>
            Sign in, choose “I don’t have my recovery key” and start over. You lose what was written before,
            and your team has to look at your new identity. Call somebody so that they know it is really you.
          </dd>
          <dt>“Hearth is locked”</dt>
          <dd>
            It asks for the passphrase of the app lock, which is not your password. Nobody can tell it to you:
            if you have forgotten it, sign out on that page and come back with your password and your recovery
            key.
          </dd>
          <dt>“Connect to go on”</dt>
          <dd>
            This device must reach your team’s server before it shows anything. It goes on by itself as soon
            as there is a network; nothing is lost.
          </dd>
          <dt>It says that the keys were destroyed</dt>
          <dd>
            An admin wiped this device, it had no contact for too long, or somebody typed wrong passphrases.
            Sign in again and use your recovery key: what open requests say comes back once a colleague’s
            device is online. For recent messages, ask for access.
          </dd>
          <dt>My invite link does not work</dt>
          <dd>A link works once and for a limited time. Ask whoever invited you for a new one.</dd>
        </dl>
      </Section>
      <Section title="My phone or laptop is lost">
        <dl className={styles.answers}>
          <dt>What now?</dt>
          <dd>
            Call an admin at once. On the Team page they can wipe it from afar: it destroys its keys as soon
            as it has a network. Let them do it before you sign it out yourself, or it can’t be told any more.
            Then change your password.
          </dd>
        </dl>
      </Section>
      <Section title="Requests">
        <dl className={styles.answers}>
          <dt>Who can read a request?</dt>
          <dd>
            The people listed in it, under Details. Admins, and whoever may manage requests, are in every one.
            Not the rest of the team, and not the server.
          </dd>
          <dt>How do I bring somebody in?</dt>
          <dd>
            In the request, under Details, choose “Add people”. They see what the request says now; older
            messages stay closed to them, unless an admin gives them access.
          </dd>
          <dt>“Waiting to be sent”</dt>
          <dd>
            There is no connection at the moment. It is kept on this device, survives a reload, and goes out
            by itself as soon as the server answers. You can close the page, but don’t sign out.
          </dd>
          <dt>“Can’t be read here”</dt>
          <dd>
            This device has no key for that message, often because it is new or you were added later. Ask its
            sender to say it again, or choose “Ask for access” above the messages.
          </dd>
          <dt>“Messages before … are no longer kept on this device”</dt>
          <dd>
            Old messages become unreadable by themselves on every device, except those of admins and
            exporters. What an open request says is carried on. If you need an old message, choose “Ask for
            access” and say why: an admin can give it to you for a time.
          </dd>
          <dt>“Refused”</dt>
          <dd>
            Something arrived that its sender may not do, or that this version does not understand. It changed
            nothing.
          </dd>
        </dl>
      </Section>
      <Section title="Encryption">
        <dl className={styles.answers}>
          <dt>What can the server see?</dt>
          <dd>
            Who is a member, who is in which request, and when something is sent and how large it is. Not what
            a request says, not where, not who called, and not a word of the chat.
          </dd>
          <dt>What is not encrypted?</dt>
          <dd>
            Your profile, duty, roles, the team’s settings, and the notes of invites. Put nothing about
            callers there.
          </dd>
          <dt>“Security identity changed”</dt>
          <dd>
            A colleague’s keys were replaced. They get no messages until you have called them, made sure that
            it was them, and said so on the Team page.
          </dd>
        </dl>
      </Section>
      <Section title="By keyboard">
        <dl className={styles.answers}>
          <dt>
            <kbd>Enter</kbd> and <kbd>Shift</kbd> + <kbd>Enter</kbd>
          </dt>
          <dd>Send the message; begin a new line in it.</dd>
          <dt>
            <kbd>↑</kbd> and <kbd>↓</kbd>
          </dt>
          <dd>From one request to the next, in the list.</dd>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>Closes a window that is open. What you typed in it stays.</dd>
        </dl>
      </Section>
    </Page>
  );
}
