// Numbers as people read them, with their unit.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function count(value: number): string {
    return whole.format(value);
}

// At least two digits that matter below 100, none after the point from 100 on.
function short(value: number): string {
    const size = Math.abs(value);
    if (size >= 100 || value === 0) return whole.format(value);
    if (size >= 10) return value.toFixed(1).replace(/\.0$/, "");
    return value.toFixed(size >= 1 ? 1 : 2).replace(/\.?0+$/, "");
}

export function rate(per_second: number): string {
    return per_second > 0 && per_second < 0.05 ? "< 0.1" : short(Math.round(per_second * 10) / 10);
}

export function share(part: number): string {
    const percent = part * 100;
    if (percent > 0 && percent < 0.1) return "< 0.1 %";
    return `${short(Math.round(percent * 10) / 10)} %`;
}

export function milliseconds(value: number): string {
    if (value >= 1_000) return `${short(value / 1_000)} s`;
    if (value > 0 && value < 0.01) return "< 0.01 ms";
    return `${short(value)} ms`;
}

export function bytes(value: number): string {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let size = value;
    let unit = 0;
    while (size >= 1_024 && unit < units.length - 1) {
        size /= 1_024;
        ++unit;
    }
    return `${short(size)} ${units[unit]}`;
}

// The two largest units that are not zero: "3 d 4 h", "2 min 5 s", "0.4 s".
export function duration(seconds: number): string {
    if (seconds < 10) return `${short(Math.round(seconds * 10) / 10)} s`;
    const steps: [string, number][] = [
        ["d", 86_400],
        ["h", 3_600],
        ["min", 60],
        ["s", 1],
    ];
    const from = steps.findIndex(([, length]) => seconds >= length);
    let left = Math.floor(seconds);
    const parts = steps.slice(from, from + 2).map(([unit, length]) => {
        const many = Math.floor(left / length);
        left -= many * length;
        return many > 0 ? `${many} ${unit}` : "";
    });
    return parts.filter(Boolean).join(" ");
}

function two(part: number): string {
    return String(part).padStart(2, "0");
}

// Hours, minutes and seconds on this device's clock.
export function clock(time: Date): string {
    return [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
}

export function date_and_clock(time: Date): string {
    return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock(time)}`;
}

// "1 order", "2 orders"; words whose plural is made otherwise bring it along.
export function counted(many: number, one: string, more = `${one}s`): string {
    return `${count(many)} ${many === 1 ? one : more}`;
}
