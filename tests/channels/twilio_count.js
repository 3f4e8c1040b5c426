// Reads a JSON list of texts and writes for each its parts and its characters, by Twilio's own calculator.
"use strict";
const { SegmentedMessage } = require("sms-segments-calculator");
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const counted = texts.map((text) => new SegmentedMessage(text)).map((one) => ({ parts: one.segmentsCount, characters: one.graphemes }));
process.stdout.write(JSON.stringify(counted));
