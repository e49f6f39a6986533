namespace Protean.Tests.Tidy;

/// <summary>Reads C# just well enough to tell code from comments and literals.</summary>
internal sealed class Blanks
{
    private readonly char[] _text;
    private int _at;

    private Blanks(string text) => _text = text.ToCharArray();

    public static string InPlaceOfCommentsAndLiterals(string text)
    {
        var blanks = new Blanks(text);
        blanks.Code(inHole: false);
        return new string(blanks._text);
    }

    private char Peek(int ahead = 0) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    private void Blank(int count = 1)
    {
        for (; count > 0 && _at < _text.Length; count--, _at++)
            if (_text[_at] != '\n') _text[_at] = ' ';
    }

    // Up to the end of the text, or of the hole of an interpolated string.
    private void Code(bool inHole)
    {
        for (var depth = 0; _at < _text.Length;)
        {
            if (inHole && Peek() == '}' && depth-- == 0) return;
            if (inHole && Peek() == '{') depth++;
            if (Peek() == '/' && Peek(1) == '/') Until("\n");
            else if (Peek() == '/' && Peek(1) == '*') Until("*/", skip: 2);
            else if (Peek() == '\'') Character();
            else if (Peek() is '"' or '$' or '@') Literal();
            else if (inHole) Blank();
            else _at++;
        }
    }

    private void Until(string end, int skip = 0)
    {
        Blank(skip);
        while (_at < _text.Length && !_text.AsSpan(_at).StartsWith(end)) Blank();
        if (end != "\n") Blank(end.Length);
    }

    private void Character()
    {
        Blank(Peek(1) == '\\' ? 3 : 2);
        while (_at < _text.Length && Peek() != '\'') Blank();
        Blank();
    }

    private void Literal()
    {
        var (interpolated, verbatim, prefix) = (false, false, 0);
        for (; Peek(prefix) is '$' or '@'; prefix++)
        {
            interpolated |= Peek(prefix) == '$';
            verbatim |= Peek(prefix) == '@';
        }
        if (Peek(prefix) != '"')
        {
            _at += prefix;
            return;
        }
        Blank(prefix);
        var quotes = 0;
        while (Peek(quotes) == '"') quotes++;
        if (quotes >= 3) Until(new string('"', quotes), skip: quotes);
        else Quoted(interpolated, verbatim);
    }

    private void Quoted(bool interpolated, bool verbatim)
    {
        Blank();
        while (_at < _text.Length)
        {
            if (Peek() == '"' && !(verbatim && Peek(1) == '"'))
            {
                Blank();
                return;
            }
            if (Peek() == '\\' && !verbatim) Blank(2);
            else if (Peek() == '"') Blank(2);
            else if (interpolated && Peek() is '{' or '}' && Peek() == Peek(1)) Blank(2);
            else if (interpolated && Peek() == '{') Hole();
            else Blank();
        }
    }

    private void Hole()
    {
        Blank();
        Code(inHole: true);
        Blank();
    }
}
