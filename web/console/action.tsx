// What people ask the server to do: one thing at a time, and what came of it said where it was asked for.
import { useState } from "preact/hooks";
import { Failure } from "./parts";

export interface Said {
    done?: string;
    failure?: string;
}

export interface Action {
    is_busy: boolean;
    busy_with: number | undefined; // The key that was given when it began.
    said: Said;
    begin(work: () => Promise<Said>, key?: number): void; // While another goes on, nothing.
    clear(): void;
}

export function useAction(): Action {
    const [busy, set_busy] = useState<{ key: number | undefined }>();
    const [said, set_said] = useState<Said>({});
    const run = async (work: () => Promise<Said>, key: number | undefined): Promise<void> => {
        set_busy({ key });
        set_said({});
        set_said(await work().catch((error: Error) => ({ failure: error.message })));
        set_busy(undefined);
    };
    return {
        is_busy: busy !== undefined,
        busy_with: busy?.key,
        said,
        begin: (work, key) => void (busy === undefined && run(work, key)),
        clear: () => set_said({}),
    };
}

export function Outcome({ said }: { said: Said }) {
    return (
        <>
            <p class="done" role="status">
                {said.done}
            </p>
            <Failure text={said.failure} />
        </>
    );
}
