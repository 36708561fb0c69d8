// What pages get on top of working without scripts. Each module looks for its own marks in the
// page and leaves it alone if there are none.

import { enhanceAnswers } from "./answer.js";
import { enhanceBell } from "./bell.js";
import { enhanceLikes } from "./like.js";
import { enhanceConfirmations } from "./confirm.js";
import { enhanceDrafts } from "./draft.js";
import { enhanceLeaving } from "./leaving.js";
import { enhanceFollows } from "./follow.js";
import { enhanceMenus } from "./menu.js";
import { enhancePasskeys } from "./passkey.js";
import { enhancePictures } from "./picture.js";
import { enhanceRails } from "./rail.js";
import { enhanceSearch } from "./search.js";
import { enhanceTabs } from "./tabs.js";
import { enhanceTimes } from "./time.js";

for (const enhance of [
  // before others look at what is kept
  enhanceLeaving,
  enhanceAnswers,
  enhanceBell,
  enhanceLikes,
  enhanceConfirmations,
  enhanceDrafts,
  enhanceFollows,
  enhanceMenus,
  enhancePasskeys,
  enhancePictures,
  enhanceRails,
  enhanceSearch,
  enhanceTabs,
  enhanceTimes,
]) {
  try {
    enhance(document);
  } catch (error) {
    // One broken piece must not take the others with it.
    console.error(error);
  }
}
