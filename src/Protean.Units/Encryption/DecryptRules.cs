using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Units.Encryption;

/// <summary>A decryption that is asked for, with what it is judged by. It remembers what it found, so it is judged once.</summary>
/// <param name="Frozen">The ballots as they were at the close; null where there is none.</param>
/// <param name="Convicted">Mixers whose word did not hold before.</param>
/// <param name="Begun">It was decrypted before, or is being.</param>
/// <param name="Key">PK of the election.</param>
/// <param name="Random">For weights that no mixer knows.</param>
public sealed record DecryptCase(
    Election Election, Digest Id, Ciphertexts? Frozen, IReadOnlyList<SignedMix> Mixes, IReadOnlyCollection<PublicKey> Convicted, bool Begun,
    Point Key, Digest ChainId, ISignatureScheme Scheme, IRandom Random, ICores Cores)
{
    private IReadOnlyList<Ciphertexts?>? _sets;

    /// <summary>What each shuffle took, and last what it all came to; null where it is not canonical.</summary>
    public IReadOnlyList<Ciphertexts?> Sets => _sets ??=
        [Frozen, .. Mixes.Select(mix => Ciphertexts.TryDecode(mix.Outputs.Span, Cores, out var outputs) ? outputs : null)];

    /// <summary>What is to be decrypted.</summary>
    public Ciphertexts Mixed => Sets[^1]!;

    /// <summary>The first shuffle whose proof does not hold, and what is wrong with it.</summary>
    public (int Round, string Code)? Unproven { get; private set; }

    /// <summary>Whether all proofs hold: <see cref="Unproven"/> says which does not.</summary>
    internal bool Prove()
    {
        for (var round = 0; round < Mixes.Count && Unproven is null; round++)
        {
            var (word, proof) = (Mixes[round].Word, Mixes[round].Proof);
            var context = ShuffleStatement.ContextOf(Id, word.Entry.Round, word.Mixer, word.Entry.InputRoot, word.Entry.OutputRoot);
            var statement = new ShuffleStatement(context, Key, Sets[round]!, Sets[round + 1]!);
            if (Election.Protocol!.Refusal(statement, proof.Span, Random, Cores) is { } code) Unproven = (round, code);
        }
        return Unproven is null;
    }
}

/// <summary>The gate before decryption (protocols 6.2): nothing but the ballots that counted at the close, after enough mixers have shuffled
/// them, and once.</summary>
public static class DecryptRules
{
    private const string Advice = "Shuffle the ballots as the unit proves them, each mixer after the other.";

    public static Requirements<DecryptCase> Checks { get; } = new(
        new("PRT-ENC-0031", "an election is decrypted once", "Its result is sealed already, or about to be.", static gate =>
            gate.Begun ? new Finding($"{gate.Id}") : null),
        new("PRT-ENC-0032", "too few ballots hide nobody", "Nothing can be done: not enough have voted.", static gate =>
            (gate.Frozen?.Rows ?? 0) >= gate.Election.LeastBallots ? null : new Finding($"{gate.Frozen?.Rows ?? 0} ballots", $"{gate.Election.LeastBallots}")),
        new("PRT-ENC-0033", "as many mixers have shuffled as the terms say", Advice, static gate =>
            gate.Mixes.Count >= gate.Election.Mixes ? null : new Finding($"{gate.Mixes.Count} shuffles", $"{gate.Election.Mixes}")),
        new("PRT-ENC-0034", "each shuffle is of another mixer of the election, whose word has always held", Advice, static gate =>
            gate.Mixes.Select(static mix => mix.Word.Mixer).Distinct().Except(gate.Convicted).Intersect(gate.Election.Mixers).Count() == gate.Mixes.Count
                ? null : new Finding()),
        new("PRT-ENC-0035", "each shuffle is signed by its mixer", Advice, static gate => First(gate, (mix, _) =>
            gate.Scheme.Verify(mix.Word.Mixer, mix.Word.Entry.SignedPayload(gate.ChainId), mix.Word.Signature))),
        new("PRT-ENC-0036", "outputs and proof are those that the mixer signed", Advice, static gate => First(gate, (mix, round) =>
            gate.Sets[round + 1]?.Root() == mix.Word.Entry.OutputRoot && MixEntry.HashOf(mix.Proof.Span) == mix.Word.Entry.ProofHash)),
        new("PRT-ENC-0037", "the first shuffle takes the election's ballots, and each other one what the one before made", Advice, static gate =>
            First(gate, (mix, round) => mix.Word.Entry.ElectionId == gate.Id && mix.Word.Entry.Round == round
                && gate.Sets[round]?.Root() == mix.Word.Entry.InputRoot)),
        new("PRT-ENC-0038", "each shuffle's proof must hold", "Go on from the mixer before: this one has cheated.", static gate =>
            gate.Prove() ? null : new Finding(gate.Unproven!.Value.Code, Where: $"mixer {gate.Mixes[gate.Unproven.Value.Round].Word.Mixer}")));

    private static Finding? First(DecryptCase gate, Func<SignedMix, int, bool> holds)
    {
        for (var round = 0; round < gate.Mixes.Count; round++)
            if (!holds(gate.Mixes[round], round)) return new Finding(Where: $"shuffle {round} of mixer {gate.Mixes[round].Word.Mixer}");
        return null;
    }
}
