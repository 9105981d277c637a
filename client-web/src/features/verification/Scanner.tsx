"use client";

import { useEffect, useRef, useState } from "react";
import { Banner } from "../../ui/Banner.tsx";
import { readCode } from "./code.ts";
import styles from "./verification.module.css";

/** Often enough for a steady hand, seldom enough for an old phone. */
const LOOK_EVERY_MS = 200;
/** Longer sides are scaled down: a code that fills a third of the picture is still read. */
const LONGEST_SIDE = 800;

/** Looks through the camera until it sees a code. Nothing that it sees is stored or leaves the page. */
export function Scanner({ onCode }: { onCode: (data: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string>();
  const found = useRef(onCode);
  useEffect(() => {
    found.current = onCode;
  }, [onCode]);

  useEffect(() => {
    let stopped = false;
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setInterval> | undefined;
    const canvas = document.createElement("canvas");
    let last: string | undefined;

    const look = () => {
      const picture = video.current ? takePicture(video.current, canvas) : undefined;
      const data = picture && readCode(picture);
      if (data === undefined || data === last) return;
      last = data;
      found.current(data);
    };
    openCamera().then(
      (opened) => {
        stream = opened;
        if (stopped) return close(opened);
        if (video.current) video.current.srcObject = opened;
        timer = setInterval(look, LOOK_EVERY_MS);
      },
      (error: unknown) => setProblem(whyNoCamera(error)),
    );
    return () => {
      stopped = true;
      clearInterval(timer);
      if (stream) close(stream);
    };
  }, []);

  if (problem !== undefined) return <Banner tone="warn">{problem}</Banner>;
  return (
    <video
      ref={video}
      className={styles.camera}
      autoPlay
      muted
      playsInline
      aria-label="What the camera sees"
    />
  );
}

async function openCamera(): Promise<MediaStream> {
  const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
  if (!mediaDevices) throw new DOMException("no camera here", "NotFoundError");
  return mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
}

function close(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function takePicture(video: HTMLVideoElement, canvas: HTMLCanvasElement): ImageData | undefined {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0) return undefined;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(videoWidth, videoHeight));
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return context?.getImageData(0, 0, canvas.width, canvas.height);
}

function whyNoCamera(error: unknown): string {
  const refused = error instanceof DOMException && error.name === "NotAllowedError";
  return refused
    ? "The browser did not let Hearth use the camera. Allow it beside the address, or compare emoji instead."
    : "There is no camera that Hearth could use. Compare emoji instead.";
}
