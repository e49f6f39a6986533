namespace Protean.Simulator.Campaigns;

/// <summary>Something that holds in every run, whatever fails: its name is what a violation is reported under.</summary>
public sealed record Invariant(string Name, string Meaning);

/// <summary>What every run is checked for, each after every event that it concerns.</summary>
public static class Invariants
{
    public static readonly Invariant
        Agreement = new("agreement", "Honest members decide the same blocks, of entries that were submitted; a certificate has q distinct members of its epoch's committee; nobody honest contradicts itself."),
        ExecutedOnce = new("executed-once", "A replay key is executed once, and one output is sealed for it, across crashes and concurrent duplicates."),
        NothingLost = new("nothing-lost", "What was acknowledged stays, and later requests see it."),
        ReceiptsHold = new("receipts-hold", "Every receipt issued verifies from the genesis alone and is what was asked for; no altered one does."),
        DependenciesFirst = new("dependencies-first", "No step runs before what it depends on, nor on other data than its dependencies' outputs."),
        SecretsKept = new("secrets-kept", "What t-1 members have, with all that was ever sent, never gives a secret."),
        CheatersNamed = new("cheaters-named", "Honest members finish though others answer first with garbage; evidence names cheaters, and no honest member ever."),
        RandomnessFixed = new("randomness-fixed", "No share leaves before its request is final, and whoever asks again gets the same value."),
        Silence = new("silence", "A member whose disk is not the one it had signs nothing more in that epoch, once it knows."),
        SameState = new("same-state", "Members at the same height have the same state, byte for byte."),
        Progress = new("progress", "After the network heals, requests are answered within the bound and everyone catches up, however long it was broken."),
        NothingThrown = new("nothing-thrown", "No message, client or restart makes a member throw.");

    public static IReadOnlyList<Invariant> All { get; } =
    [
        Agreement, ExecutedOnce, NothingLost, ReceiptsHold, DependenciesFirst, SecretsKept, CheatersNamed, RandomnessFixed, Silence, SameState,
        Progress, NothingThrown,
    ];

    /// <summary>Ends the run.</summary>
    /// <exception cref="InvariantViolatedException">Where the condition is false.</exception>
    public static void Require(this Invariant invariant, bool holds, Func<string> what)
    {
        if (!holds) throw new InvariantViolatedException(invariant, what());
    }
}

/// <summary>A run found an invariant violated.</summary>
public sealed class InvariantViolatedException(Invariant invariant, string what, Exception? inner = null) : Exception($"{invariant.Name}: {what}", inner)
{
    public Invariant Invariant { get; } = invariant;
    public string What { get; } = what;
}
