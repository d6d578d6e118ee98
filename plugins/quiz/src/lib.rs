//! A quiz: questions with choices, what was right after each, and a score in the end.

use callslip::prelude::*;

callslip::messages!();

/// What an admin sets.
#[derive(Settings)]
struct Quiz {
    /// The questions in their order; up to ten.
    questions: Vec<Question>,
    /// What a patron reads behind their score.
    #[setting(max_length = 320)]
    ending: Option<Localized>,
}

#[derive(Settings)]
struct Question {
    /// What is asked.
    #[setting(example = "Who wrote Emma?", min_length = 1, max_length = 160)]
    text: Localized,
    /// What there is to choose from.
    choices: Vec<Localized>,
    /// The number of the right one.
    #[setting(min = 1, max = 9)]
    right: u8,
}

/// Asks a quiz and tells the score.
#[callslip::flow]
async fn quiz(talk: Talk, settings: Quiz) -> Outcome {
    let language = talk.language();
    let say = Messages::for_language(language);
    let questions = settings.questions.len().min(10);
    let mut score = 0_usize;
    let mut told = String::new();
    for question in settings.questions.iter().take(questions) {
        let choices: Vec<&str> = question
            .choices
            .iter()
            .map(|choice| choice.for_language(language))
            .collect();
        let Some(right) = choices.get(usize::from(question.right).saturating_sub(1)) else {
            return talk.hand_off(None, "A question of the quiz has no right answer.");
        };
        let asked = told + question.text.for_language(language);
        let chosen = talk.ask(asked).choice(&choices).await?;
        told = if chosen == *right {
            score += 1;
            say.right()
        } else {
            say.wrong(right)
        } + "\n";
    }
    talk.storage()
        .library()
        .add(&format!("score/{score}"), 1)
        .await?;
    let mut end = told + &say.score(&score.to_string(), &questions.to_string());
    if let Some(ending) = &settings.ending {
        end = end + " " + ending.for_language(language);
    }
    talk.say(end);
    talk.finish()
}

#[cfg(test)]
callslip::transcripts!(quiz);
