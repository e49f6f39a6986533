using Protean.Codec;

namespace Protean.Fuzz;

/// <summary>The law of a canonical form: bytes are refused as malformed, or are the only bytes of the value they mean.</summary>
internal static class CanonicalForm
{
    // A value has a list of references for each byte that lies about a count, and objects for what it does hold.
    private const int AllocationPerByte = 512;

    public static bool IsFormOf(Type type) => !type.ContainsGenericParameters && type.GetInterfaces().Any(form =>
        form.IsGenericType && form.GetGenericTypeDefinition() == typeof(ICanonical<>) && form.GetGenericArguments()[0] == type);

    /// <summary>Short enough to type, and unique: two rooms may have a type of one name.</summary>
    public static string NameOf(Type type) => type.FullName!["Protean.".Length..].Replace('+', '.');

    public static FuzzTarget TargetOf(Type type)
    {
        var form = FormOf(type);
        return new FuzzTarget(NameOf(type), AllocationPerByte, form.Accepts);
    }

    public static IForm FormOf(Type type) => (IForm)Activator.CreateInstance(typeof(Form<>).MakeGenericType(type))!;

    public interface IForm
    {
        /// <summary>Decodes, and encodes again.</summary>
        bool Accepts(byte[] input);

        byte[] Encode(object value);
    }

    private sealed class Form<T> : IForm where T : ICanonical<T>
    {
        public bool Accepts(byte[] input)
        {
            T value;
            try
            {
                value = Canonical.Decode<T>(input);
            }
            catch (MalformedException)
            {
                return false;
            }
            var again = Canonical.Encode(value);
            return again.AsSpan().SequenceEqual(input) ? true
                : throw new BrokenLawException(NameOf(typeof(T)), input, $"accepted, yet encoded as {Convert.ToHexStringLower(again)}");
        }

        public byte[] Encode(object value) => Canonical.Encode((T)value);
    }
}
