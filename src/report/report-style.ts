import { coloursFor, LIGHT } from './picture.js';

/** The whole look of a report, light, dark, on a phone and on paper. */
export const STYLE = `
${coloursFor(':root')}
:root{color-scheme:light dark}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;overflow-wrap:anywhere}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
h1{font-size:1.8rem;line-height:1.2;margin:0 0 .75rem}
h2{font-size:1.35rem;margin:2.75rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.75rem 0 .4rem}
p{margin:0 0 .8rem;max-width:52rem}
ul{padding-left:1.25rem;max-width:52rem}
a{color:inherit;text-decoration-color:var(--muted);text-underline-offset:.15em}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1rem;font-size:.9rem}
sup{line-height:0;font-size:.7em}
sup a{color:var(--muted);text-decoration:none;padding:0 .1em}
.lead{font-size:1.15rem}
.outcome{border-left:4px solid var(--line);padding-left:.8rem}
.outcome.good{border-color:var(--good)}
.outcome.bad{border-color:var(--bad)}
.outcome.open{border-color:var(--open)}
.outcome.plain{border-color:var(--muted)}
.wide{overflow-x:auto;margin:0 0 1.25rem}
table{border-collapse:collapse;font-size:.875rem;overflow-wrap:normal}
caption{text-align:left;font-weight:600;padding-bottom:.35rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .7rem;border-bottom:1px solid var(--line);font-weight:400}
thead th{font-weight:600;vertical-align:bottom;white-space:normal}
tbody th{font-weight:600}
.right{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.tone{font-weight:600}
.tone.good{color:var(--good)}
.tone.bad{color:var(--bad)}
.tone.open{color:var(--open)}
figure{margin:1.5rem 0 2rem;break-inside:avoid}
figcaption{margin-bottom:.6rem;max-width:52rem}
.picture{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.9rem;overflow-x:auto}
.picture svg{display:block;width:100%;min-width:34rem;height:auto}
details{margin-top:.5rem}
summary{cursor:pointer;color:var(--muted);font-size:.9rem}
pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.8rem 1rem;overflow-x:auto}
code{font:.875em ui-monospace,Menlo,Consolas,monospace}
.notes{font-size:.8rem;color:var(--muted);padding-left:2.5rem}
.notes li:target{color:var(--ink);font-weight:600}
@media print{
:root{color-scheme:light;${LIGHT}}
body{font-size:10pt;background:#fff}
main{max-width:none;padding:0}
nav,details{display:none}
.wide,.picture{overflow:visible;border:0;padding:0}
.picture svg{min-width:0}
table{font-size:7.5pt}
th,td{padding:.2rem .4rem}
tr,h2,h3{break-inside:avoid}
h2,h3{break-after:avoid}
}
`.trim();
