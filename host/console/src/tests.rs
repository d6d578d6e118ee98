//! The console over a real engine and a passing store, asked as a browser asks.

mod desk; // the queue and one question
mod entry; // the first run, sign-in and its limits, links, the second step
mod guests; // b7
mod headers; // what every answer tells browsers
mod helping; // what helps, what is done to the patron
mod lists; // and what is sent to them
mod looking; // numbers, plugins, unmatched texts, the notice
mod made; // keywords of the console's own
mod messages; // what did not get through
mod people;
mod pictures; // d4, and notices
mod plugins;
mod preview;
mod privacy; // what patrons ask of what is held, and its terms
mod reach; // posters, reports and results
mod reminding; // at a moment that is to come
mod roles; // every route as every role
mod site;
mod study;
mod switches; // c1, c7
mod ticket; // one question's texts and its box
