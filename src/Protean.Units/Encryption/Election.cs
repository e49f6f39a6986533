using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Units.Encryption;

/// <summary>A question and the answers between which a voter chooses one.</summary>
public sealed record Question(string Text, IReadOnlyList<string> Choices) : ICanonical<Question>
{
    public void Encode(Encoder to) => to.Text(Text).List(Choices, static (e, choice) => e.Text(choice));

    public static Question Decode(ref Decoder from) => new(
        from.Text(Limits.MaxQuestionText), from.List(Limits.MaxChoices, static (ref Decoder d) => d.Text(Limits.MaxQuestionText)));

    public bool Equals(Question? other) => other is not null && Text == other.Text && Choices.SequenceEqual(other.Choices);
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}

/// <summary>The terms of an election. They name it, so nothing of them can be changed.</summary>
/// <param name="Nonce">Tells elections of the same terms apart.</param>
/// <param name="Questions">Each is one ciphertext of a ballot.</param>
/// <param name="Voters">Who may vote, ascending.</param>
/// <param name="CloseMs">Block time of the unit from which no ballot counts any more.</param>
/// <param name="LapseMs">Block time at which the key of an election that nobody had decrypted is erased.</param>
/// <param name="LeastBallots">Fewer than so many are not decrypted: they would hide nobody.</param>
/// <param name="Mixers">Who may shuffle, ascending.</param>
/// <param name="Mixes">So many of them must have.</param>
/// <param name="Shuffle">How they prove it: "neff04" or "tw".</param>
public sealed record Election(
    Digest Nonce, IReadOnlyList<Question> Questions, IReadOnlyList<PublicKey> Voters, ulong CloseMs, ulong LapseMs, ushort LeastBallots,
    IReadOnlyList<PublicKey> Mixers, ushort Mixes, string Shuffle) : ICanonical<Election>
{
    /// <summary>Names the election of these terms at this unit.</summary>
    public Digest Id(Digest unitId) => new Encoder().Digest(unitId).Value(this).ToHash("protean/election/v1");

    /// <summary>The purpose of its key.</summary>
    public static string KeyPurpose(Digest id) => id.ToString();

    /// <summary>Ciphertexts of a ballot.</summary>
    public int Width => Questions.Count;

    /// <summary>How shuffles are proven; null where the terms name no way.</summary>
    public ShuffleProtocol? Protocol => ShuffleProtocol.All.FirstOrDefault(one => one.Name == Shuffle);

    public void Encode(Encoder to) => to
        .Digest(Nonce).List(Questions).List(Voters, static (e, key) => e.Key(key)).U64(CloseMs).U64(LapseMs).U16(LeastBallots)
        .List(Mixers, static (e, key) => e.Key(key)).U16(Mixes).Text(Shuffle);

    public static Election Decode(ref Decoder from)
    {
        var election = new Election(
            from.Digest(), from.List<Question>(Limits.MaxQuestions), Keys(ref from, Limits.MaxTallyCells), from.U64(), from.U64(), from.U16(),
            Keys(ref from, Limits.MaxMixers), from.U16(), from.Text(Limits.MaxName));
        Ascending.Require(election.Voters, static key => key, "voters");
        Ascending.Require(election.Mixers, static key => key, "mixers");
        return election;
    }

    private static IReadOnlyList<PublicKey> Keys(ref Decoder from, int most) => from.List(most, static (ref Decoder d) => d.Key());

    public bool Equals(Election? other) => other is not null && Canonical.Encode(this).AsSpan().SequenceEqual(Canonical.Encode(other));
    public override int GetHashCode() => Nonce.GetHashCode();
}
