/**
 * What no terminal and no log should get as it is: colours, a window title, a change of the writing direction and a
 * line that looks like Pulumi's own.
 */
export const CONTROL_TEXT = "\u001b[31mred\u001b]0;title\u0007\u202eesrever\r\nerror: forged line";
