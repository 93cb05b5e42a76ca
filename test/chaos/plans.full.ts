/** The statements of every operation, planned among a million messages instead of some ten thousands. */
import '../architecture/sent-plans.test.js';
