using Protean.Runtime;
using Protean.Workflows;

namespace Protean.Client;

/// <summary>What the client itself refuses, or could not do.</summary>
public static class ClientRefusals
{
    /// <summary>The code of <see cref="NoAnswer"/>.</summary>
    public const string NoAnswerCode = "PRT-CLI-0001";

    public static Refusal NoAnswer(string unit, string said) => new(
        NoAnswerCode, "no member gave an answer that holds", unit, "an answer that can be verified", said, Retry: true,
        Advice: "See whether the nodes run and can be reached.");

    public static Refusal OtherNetwork(string address, string expected, string got) => new(
        "PRT-CLI-0002", "the node serves another network", address, expected, got,
            Advice: "Give the addresses of nodes of the network that you mean.");

    public static Refusal NoNode(string said) => new(
        "PRT-CLI-0003", "no node could be reached", Expected: "a node that shows the network's genesis", Got: said, Retry: true,
            Advice: "Check the addresses.");

    public static Refusal NoUnit(string unit) => new(
        "PRT-CLI-0004", "the network has no such unit", Expected: "a unit of the genesis", Got: unit,
            Advice: "See which units the network has.");

    public static Refusal LooseKeyFile(string path, string mode) => new(
        "PRT-CLI-0005", "others can read the key file", path, "mode 0600", mode, Advice: $"Run: chmod 600 {path}");

    public static Refusal KeyFileNotOpened(string path) => new(
        "PRT-CLI-0006", "the key file does not open", path, "the passphrase it was made with, and an unchanged file",
            Advice: "Check the passphrase, or take the backup.");

    public static Refusal BadJournal(string path, string got) => new(
        "PRT-CLI-0007", "the journal is not one that this client wrote", path, "a run's journal", got,
            Advice: "Take the right file; a run can also begin anew with a new plan.");

    public static Refusal OtherPlan(string what, string expected, string got) => new(
        "PRT-CLI-0008", $"the compiler made another plan than was asked for: {what}", Expected: expected, Got: got,
            Advice: "Do not use this compiler.");

    public static Refusal StaleTooOften(string step, int attempts) => new(
        "PRT-CLI-0009", "what the step builds on changed every time before it could be committed", step,
            $"one of {attempts} attempts to hold", "all stale", Retry: true,
        Advice: "Try again when fewer others change the same keys.");

    public static Refusal NoWitness(string step, int rounds) => new(
        "PRT-CLI-0010", "what the call reads was not found", step, $"a complete witness after {rounds} dry runs", "still more keys",
            Advice: "Ask another member for the dry run.");

    public static Refusal StepFailed(string step, string code, string message) => new(
        "PRT-CLI-0011", "the step ended in a failure, which is sealed", step, "success", $"{code}: {message}");

    public static Refusal MissingInput(string step, string input) => new(
        "PRT-CLI-0012", "the workflow asks for an input that was not given", step, $"input {input}", "nothing",
            Advice: "Give it when starting the run.");

    public static Refusal NoStep(string step, Workflow workflow) => new(
        "PRT-CLI-0014", "the workflow has no such step", workflow.Name,
        $"one of {string.Join(", ", workflow.Steps.Select(static one => one.Name))}", step);

    public static Refusal OtherOutputs(string expected, string got) => new(
        "PRT-CLI-0045", "the outputs are not those of the receipt", Expected: expected, Got: got, Advice: "Ask another member for them.");

    public static Refusal Unproven(string what) => new(
        "PRT-CLI-0013", "the proof file lacks something", Got: what,
            Advice: "Complete the run, and give the code of every contract that it calls.");

    public static Refusal NotInStorage(string what) => new(
        "PRT-CLI-0060", "the private-storage unit has no such thing", Expected: what, Got: "a proof that it is absent", Advice: "Check the identifier.");

    public static Refusal SpoiltSecret(string secret) => new(
        "PRT-CLI-0061", "the secret's writer spoilt it: nobody gets anything from it", $"secret {secret}", Advice: "Ask its owner to write it again.");

    public static Refusal SecretTooLong(int length) => new(
        "PRT-CLI-0062", "the secret is too long for private storage", Expected: $"at most {Limits.MaxSecretData} bytes", Got: $"{length} bytes",
        Advice: "Encrypt the data under a key of its own, and put the key.");

    public static Refusal NoElection(string election) => new(
        "PRT-CLI-0063", "the encryption unit has no such election", Expected: $"election {election}", Got: "a proof that it is absent",
        Advice: "Check the identifier.");

    public static Refusal MalformedShuffle(string mixer) => new(
        "PRT-CLI-0064", "a shuffle's outputs are malformed", $"mixer {mixer}", Advice: "Leave this mixer out, and shuffle what the one before made.");
}
