namespace Protean.Cryptography;

/// <summary>A way to prove a shuffle. Proofs say nothing about permutation and betas.</summary>
/// <remarks>Whoever proves twice draws everything anew: proofs of two statements that share their first commitments reveal the
/// permutation.</remarks>
public abstract class ShuffleProtocol
{
    private protected ShuffleProtocol() { }

    /// <summary>The default (protocols 7.2).</summary>
    public static ShuffleProtocol Neff { get; } = new NeffShuffle();

    /// <summary>Proofs of half the size (protocols 7.3).</summary>
    public static ShuffleProtocol TereliusWikstrom { get; } = new TereliusWikstromShuffle();

    public static IReadOnlyList<ShuffleProtocol> All { get; } = [Neff, TereliusWikstrom];

    /// <summary>"neff04" or "tw".</summary>
    public abstract string Name { get; }

    /// <summary>Length in bytes of a proof for so many rows, at least 2, of whatever width.</summary>
    public abstract long ProofSize(int rows);

    /// <summary>Proves what was done. The statement's outputs are those of the mix.</summary>
    public abstract byte[] Prove(ShuffleStatement statement, Mix mix, IRandom random, ICores cores);

    /// <summary>Null when the proof holds; otherwise the code of the first check that fails: <c>PRT-CRY-0101</c> at least two rows, <c>0102</c>
    /// as wide outputs and <c>0103</c> as many as inputs, <c>0104</c> the key is not the identity, <c>0105</c> a proof of this length, all of it
    /// canonical; <c>0111</c> to <c>0119</c> by Neff's, <c>0121</c> to <c>0126</c> by Terelius and Wikstrom's.</summary>
    /// <param name="random">For weights that the prover must not know: draw them when the proof is there.</param>
    public string? Refusal(ShuffleStatement statement, ReadOnlySpan<byte> proof, IRandom random, ICores cores)
    {
        if (ShuffleStatement.Checks.Refusal(statement) is { } refusal) return refusal;
        return proof.Length != ProofSize(statement.Rows) ? NotCanonical : ProofRefusal(statement, proof, random, cores);
    }

    private protected const string NotCanonical = "PRT-CRY-0105";

    private protected abstract string? ProofRefusal(ShuffleStatement statement, ReadOnlySpan<byte> proof, IRandom random, ICores cores);
}
